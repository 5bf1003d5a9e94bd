/** Name of the model file in a version of the format `onnx`. */
export const ONNX_FILE = 'model.onnx';
