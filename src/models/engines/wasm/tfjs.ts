/** By `require`: as ES modules Node would parse all files of the packages twice. */
import tf = require('@tensorflow/tfjs');
import backend = require('@tensorflow/tfjs-backend-wasm');

export { backend, tf };
