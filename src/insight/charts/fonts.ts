import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Writes a fontconfig file, so that text is drawn on machines without fonts. Installed fonts stay available for other
 * scripts.
 * @returns the file's path, for `FONTCONFIG_FILE` of the drawing process
 * @source https://www.freedesktop.org/software/fontconfig/fontconfig-user.html
 */
export async function writeFontConfig(directory: string): Promise<string> {
  const fonts = join(dirname(resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const path = join(directory, 'fonts.conf');
  await mkdir(directory, { recursive: true });
  await writeFile(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${escapeXml(fonts)}</dir>
  <cachedir>${escapeXml(join(directory, 'font-cache'))}</cachedir>
</fontconfig>
`,
  );
  return path;
}
