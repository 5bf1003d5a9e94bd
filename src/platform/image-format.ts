/** The image formats that the server decodes. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;

export type ImageFormat = (typeof IMAGE_FORMATS)[number];
