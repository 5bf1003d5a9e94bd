/** The image formats that we decode. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** Media types under which clients send them. */
export const IMAGE_MEDIA_TYPES: readonly string[] = [
  ...IMAGE_FORMATS.map((format) => `image/${format}`),
  'image/jpg',
  'image/pjpeg',
];
