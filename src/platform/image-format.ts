/** The image formats that the server decodes. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** Media types that clients declare for them. */
export const IMAGE_MEDIA_TYPES: readonly string[] = [
  ...IMAGE_FORMATS.map((format) => `image/${format}`),
  'image/jpg',
  'image/pjpeg',
];
