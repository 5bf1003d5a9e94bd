import type { FoveaError } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import { jsonReply, type Reply } from './reply.js';
import { ERROR_STATUS } from './status.js';

/** Lists of problems belong to the message, because clients of these protocols show `error` only. */
function textOf({ message, details }: FoveaError): string {
  const { problems } = details;
  return Array.isArray(problems) && problems.length > 0 ? `${message} ${problems.join('; ')}` : message;
}

/** The error form of the Open Inference Protocol and of TensorFlow Serving. Their clients ignore the other members. */
export function protocolErrorReply(error: FoveaError, { id }: Pick<Call, 'id'>): Reply {
  const body = { error: textOf(error), code: error.code, request_id: id };
  return jsonReply(body, [], ERROR_STATUS[error.code].status);
}
