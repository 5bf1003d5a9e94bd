import type { ServiceDefinition } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { refused } from '../oip/images.js';
import { hasFewFields } from './wire-elements.js';

/** Fields of an inference request whose own fields count: inputs, their contents, outputs, parameters. */
const NESTED = new Set([4, 5, 6]);
const MAX_FIELDS = 65_536;

/** Stands for a message that the protobuf library did not get, or could not read. */
class Unread {}

/** @throws FoveaError `bad_request` for a message that was refused */
export function requireRead(message: unknown): unknown {
  if (message instanceof Unread)
    throw refused(`The message is malformed, or has more than ${MAX_FIELDS} fields and elements.`);
  return message;
}

/** Refuses messages of too many fields before the protobuf library reads them. `requireRead` tells which were refused: an
 * error here would reach the client as INTERNAL. */
export function guardedService(definition: PackageDefinition, name: string): ServiceDefinition {
  const { [name]: service = {} } = definition;
  if ('format' in service) throw new Error(`${name} is not a service. This is a bug.`);
  const methods = Object.entries(service).map(([method, methodDefinition]) => {
    const requestDeserialize = (bytes: Buffer): object => {
      if (!hasFewFields(bytes, NESTED, MAX_FIELDS)) return new Unread();
      try {
        return methodDefinition.requestDeserialize(bytes);
      } catch {
        return new Unread();
      }
    };
    return [method, { ...methodDefinition, requestDeserialize }] as const;
  });
  return Object.fromEntries(methods);
}
