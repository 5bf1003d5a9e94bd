import { run } from './command.mjs';

/** Python is there, since pip fetched the archive, and its zipfile checks lengths and CRCs. Works on 3.6 and later. */
const SCRIPT = `
import os, shutil, sys, zipfile

archive, folder, rules = sys.argv[1], sys.argv[2], [rule.split('=') for rule in sys.argv[3:]]
with zipfile.ZipFile(archive) as opened:
    for source, destination in rules:
        entries = [e for e in opened.infolist() if e.filename.startswith(source) and not e.filename.endswith('/')]
        if not entries:
            sys.exit('There is no ' + source + ' in ' + archive)
        for entry in entries:
            target = os.path.join(folder, destination + entry.filename[len(source):])
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with opened.open(entry) as packed, open(target, 'wb') as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            os.chmod(target, (entry.external_attr >> 16) & 0o777 or 0o644)
`;

/**
 * Unpacks part of a zip archive.
 * @param {string} archive
 * @param {string} folder The target.
 * @param {[from: string, to: string][]} rules Path prefixes in the archive and their replacements below `folder`.
 * @param {{ python: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} options
 * @throws {import('./command.mjs').CommandFailed} when the archive is damaged or lacks a prefix.
 */
export async function unzip(archive, folder, rules, { python, env, signal }) {
  await run(python, ['-c', SCRIPT, archive, folder, ...rules.map((rule) => rule.join('='))], { env, signal });
}
