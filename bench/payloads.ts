/* One small image in the request formats that clients use. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

export interface Payload {
  readonly name: string;
  readonly contentType: string;
  readonly body: Buffer;
}

async function asForm(image: Buffer, type: string): Promise<Omit<Payload, 'name'>> {
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(image)], { type }), 'image');
  const response = new Response(form);
  const contentType = response.headers.get('content-type') ?? '';
  return { contentType, body: Buffer.from(await response.arrayBuffer()) };
}

export async function payloads(): Promise<Payload[]> {
  const jpeg = readFileSync('tests/fixtures/images/cat-0000.jpg');
  const png = await sharp(jpeg).png().toBuffer();
  return [
    { name: 'JPEG raw', contentType: 'image/jpeg', body: jpeg },
    { name: 'JPEG form', ...(await asForm(jpeg, 'image/jpeg')) },
    { name: 'PNG raw', contentType: 'image/png', body: png },
    { name: 'PNG form', ...(await asForm(png, 'image/png')) },
  ];
}
