import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { openSecretFile } from '../../platform/secret-file.js';

/** In the state directory. */
export const ADMIN_TOKEN_FILE = 'admin-token';

const TOKEN = /^fovea_admin_[\w-]{43}\n?$/;
const SECRET_BYTES = 32;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The token of the machine's operator, for changes without an API key. An address proves nothing, because proxies, port
 * forwards and browsers on this machine send requests for others; reading a file of mode 0600 does. */
export class AdminToken {
  readonly #digest: Buffer;

  private constructor(token: string) {
    this.#digest = digest(token);
  }

  /** @param path file of the token; created when missing
   * @param onProblem hears that the disk is full: the file is written when there is room */
  static async open(path: string, onProblem?: (error: unknown) => void): Promise<AdminToken> {
    const content = await openSecretFile({
      path,
      ...(onProblem !== undefined && { onProblem }),
      isValid: (bytes) => TOKEN.test(bytes.toString('latin1')),
      create: () => `fovea_admin_${randomBytes(SECRET_BYTES).toString('base64url')}\n`,
    });
    return new AdminToken(content.toString('latin1').trim());
  }

  matches(text: string): boolean {
    return timingSafeEqual(digest(text), this.#digest);
  }
}
