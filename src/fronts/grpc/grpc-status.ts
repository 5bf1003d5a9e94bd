import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '../../platform/errors.js';
import { ERROR_STATUS } from '../http/status.js';

/** @source google.rpc.Code, which names the HTTP status of each code */
const BY_HTTP_STATUS: ReadonlyMap<number, status> = new Map([
  [400, status.INVALID_ARGUMENT],
  [401, status.UNAUTHENTICATED],
  [403, status.PERMISSION_DENIED],
  [404, status.NOT_FOUND],
  [408, status.DEADLINE_EXCEEDED],
  [409, status.ABORTED],
  [413, status.INVALID_ARGUMENT],
  [415, status.INVALID_ARGUMENT],
  [422, status.INVALID_ARGUMENT],
  [429, status.RESOURCE_EXHAUSTED],
  [499, status.CANCELLED],
  [501, status.UNIMPLEMENTED],
  [503, status.UNAVAILABLE],
  [504, status.DEADLINE_EXCEEDED],
  [507, status.RESOURCE_EXHAUSTED],
]);

export function grpcStatusOf(code: ErrorCode): status {
  return BY_HTTP_STATUS.get(ERROR_STATUS[code].status) ?? status.INTERNAL;
}
