import { thresholdOf } from '../../../models/repository/model-output.js';
import { FoveaError } from '../../../platform/errors.js';
import type { Service } from '../../../serving/service-state.js';
import { predictQuerySchema } from '../../http/api/predict-query.js';
import { parseQuery } from '../../http/query.js';
import type { SocketEndpoint } from '../endpoint.js';
import { BINARY_PROTOCOL, BinaryCodec } from './binary-codec.js';
import type { Hello } from './codec.js';
import { JSON_PROTOCOL, JsonCodec, type JsonCodecOptions } from './json-codec.js';
import { StreamConnection } from './stream-connection.js';
import type { StreamDefaults, StreamParts } from './stream-parts.js';

export interface StreamEndpointOptions extends StreamParts, JsonCodecOptions {
  readonly service: Service;
  readonly maxMessageBytes: number;
}

/** @returns null while the model is not loaded, or does not exist: then requests fail with the reason */
function describeModel(service: Service, { model, version }: StreamDefaults): Hello['model'] {
  try {
    const { version: described } = service.describedModel({ model, version }).classifier;
    const { labels, output } = described.manifest;
    const { height, width, channels } = described.manifest.input;
    return {
      name: described.model,
      version: described.version,
      labels,
      input: { height, width, channels },
      ...(output.task === 'multi' && { thresholds: labels.map((_, index) => thresholdOf(output, index)) }),
    };
  } catch (error) {
    if (error instanceof FoveaError) return null;
    throw error;
  }
}

/** `/api/stream`: predictions over one connection, in two sub-protocols. */
export function streamEndpoint(options: StreamEndpointOptions): SocketEndpoint {
  const { service, maxMessageBytes, maxListedClasses, settings } = options;
  return {
    path: '/api/stream',
    protocols: [JSON_PROTOCOL, BINARY_PROTOCOL],
    accept: ({ id, query, protocol, trace, identity }) => {
      const { model, version, top_k, min_confidence } = parseQuery(predictQuerySchema, query);
      const defaults = { model, version, topK: top_k, minConfidence: min_confidence };
      const hello = (): Hello => ({
        protocol,
        connection_id: id,
        server_version: service.version,
        window: settings.window,
        max_message_bytes: maxMessageBytes,
        max_images: settings.maxImages,
        idle_timeout_ms: settings.idleTimeoutMs,
        model: describeModel(service, defaults),
      });
      return (socket) => {
        const codec = protocol === BINARY_PROTOCOL ? new BinaryCodec() : new JsonCodec({ maxListedClasses });
        return new StreamConnection(
          { id, protocol, socket, codec, trace, identity, defaults, hello },
          options,
        );
      };
    },
  };
}
