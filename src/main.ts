import { FoveaError } from './platform/errors.js';
import { fileHandleLimit, requireFileHandles } from './platform/file-handles.js';

try {
  // Checked before the other modules are loaded: with few handles Node fails with "Cannot find package".
  requireFileHandles(fileHandleLimit());
  const { run } = await import('./app/run.js');
  await run();
} catch (error) {
  const { message, cause } = FoveaError.from(error);
  console.error(`fovea: ${message}`);
  if (cause !== undefined) console.error(cause);
  process.exit(1);
}
