/** What a picture must be before it is sent, and how one that is not is made so. */

/** Largest picture the server takes. */
export const MOST_BYTES = 512 * 1024;

/** Narrowest picture the server takes. */
const LEAST_WIDTH = 400;

const RATIO = 16 / 9;

/** How far from 16:9 a picture may be. */
const TOLERANCE = 0.02;

/** Width of a picture made to fit: sharp on a phone, small on the wire. */
const FITTED_WIDTH = 1280;

/** @typedef {{key: string, values?: Record<string, string | number>, fits?: boolean}} Fault `fits`: whether `fitted` would help */

/**
 * The kind of a picture by its first bytes; names and browsers' guesses say nothing.
 * @param {Uint8Array} bytes @returns {'png' | 'jpg' | 'webp' | null}
 */
export function kind(bytes) {
  const text = String.fromCharCode(...bytes.slice(0, 12));
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpg';
  return text.startsWith('RIFF') && text.slice(8) === 'WEBP' ? 'webp' : null;
}

/**
 * What speaks against a picture of this size.
 * @param {{width: number, height: number, bytes: number}} size @returns {Fault | null}
 */
export function fault({ width, height, bytes }) {
  if (width < LEAST_WIDTH) return { key: 'w_width', values: { width } };
  if (Math.abs(width / height / RATIO - 1) > TOLERANCE) return { key: 'w_ratio', values: { width: String(width), height: String(height) }, fits: width >= LEAST_WIDTH };
  if (bytes > MOST_BYTES) return { key: 'w_size', values: { kib: Math.ceil(bytes / 1024) }, fits: true };
  return null;
}

/** @param {Blob} file @returns {Promise<Fault | null>} */
export async function check(file) {
  const bytes = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const image = kind(bytes) && (await decoded(file));
  if (!image) return { key: 'w_type' };
  const { width, height } = image;
  image.close();
  return fault({ width, height, bytes: file.size });
}

/** @param {Blob} file @returns {Promise<ImageBitmap | null>} */
const decoded = (file) => createImageBitmap(file).catch(() => null);

/**
 * The middle of the picture in 16:9, small enough to be sent.
 * @param {File} file @returns {Promise<File>}
 */
export async function fitted(file) {
  const image = await createImageBitmap(file);
  const width = Math.min(image.width, image.height * RATIO);
  const height = width / RATIO;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(LEAST_WIDTH, Math.round(Math.min(FITTED_WIDTH, width)));
  canvas.height = Math.round(canvas.width / RATIO);
  canvas.getContext('2d')?.drawImage(image, (image.width - width) / 2, (image.height - height) / 2, width, height, 0, 0, canvas.width, canvas.height);
  image.close();
  for (const quality of [0.85, 0.7, 0.5, 0.3]) {
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (blob && blob.size <= MOST_BYTES) return new File([blob], 'picture.jpg', { type: 'image/jpeg' });
  }
  return file;
}

/** @param {Blob} file @returns {Promise<string>} */
export function base64(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}
