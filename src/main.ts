import { FoveaError } from './platform/errors.js';
import { escapeControls } from './platform/escape-controls.js';
import { fileHandleLimit, requireFileHandles } from './platform/file-handles.js';

try {
  // Checked before the other modules are loaded: with few handles Node fails with "Cannot find package".
  requireFileHandles(fileHandleLimit());
  const { start } = await import('./app/start.js');
  await start(import.meta.url);
} catch (error) {
  const { code, message, cause } = FoveaError.from(error);
  console.error(`fovea: ${escapeControls(message)}`);
  if (cause !== undefined) console.error(cause);
  // EX_CONFIG of sysexits.h: a restart does not help.
  process.exit(code === 'config_invalid' ? 78 : 1);
}
