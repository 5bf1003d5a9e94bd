import module from 'node:module';
import { parentPort } from 'node:worker_threads';

/** Posts which function loads CommonJS modules in this thread. */
const loaders: unknown = Reflect.get(module, '_extensions');
const load: unknown =
  typeof loaders === 'object' && loaders !== null ? Reflect.get(loaders, '.js') : undefined;
parentPort?.postMessage(String(load));
