import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import type { PackageDefinition } from '@grpc/proto-loader';

const SUFFIX = 'Entry';

/**
 * Names map entries as protobuf demands: `PropertiesEntry` for the map `properties`. protobufjs names them `Properties`, and
 * clients in Go, such as ghz, refuse such a description.
 */
export function withMapEntryNames(definition: PackageDefinition): PackageDefinition {
  const renamed = Object.entries(definition).map(([name, entry]) => {
    const { fileDescriptorProtos } = entry;
    if (!Array.isArray(fileDescriptorProtos)) return [name, entry] as const;
    return [name, { ...entry, fileDescriptorProtos: fileDescriptorProtos.map(renameIn) }] as const;
  });
  return Object.fromEntries(renamed);
}

function renameIn(bytes: Buffer): Buffer {
  const file: FileDescriptorProto = fromBinary(FileDescriptorProtoSchema, bytes);
  for (const message of file.messageType) renameEntriesOf(message);
  return Buffer.from(toBinary(FileDescriptorProtoSchema, file));
}

function renameEntriesOf(message: DescriptorProto): void {
  for (const nested of message.nestedType) {
    renameEntriesOf(nested);
    if (nested.options?.mapEntry !== true || nested.name.endsWith(SUFFIX)) continue;
    for (const field of message.field) if (field.typeName === nested.name) field.typeName += SUFFIX;
    nested.name += SUFFIX;
  }
}
