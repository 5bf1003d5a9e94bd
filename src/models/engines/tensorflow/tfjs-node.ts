/** By `require`: as an ES module Node would parse all files of the package twice, in 0.3 s of processor time. */
import tf = require('@tensorflow/tfjs-node-gpu');

export default tf;
