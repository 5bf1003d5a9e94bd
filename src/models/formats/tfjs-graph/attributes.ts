import type { GraphNode } from './graph.js';

export function flag({ attr }: GraphNode, name: string): boolean {
  return attr[name]?.b ?? false;
}

export function float({ attr }: GraphNode, name: string, fallback: number): number {
  return attr[name]?.f ?? fallback;
}

export function int({ attr }: GraphNode, name: string, fallback: number): number {
  return attr[name]?.i ?? fallback;
}

export function ints({ attr }: GraphNode, name: string): readonly number[] {
  return attr[name]?.list?.i ?? [];
}

export function text({ attr }: GraphNode, name: string, fallback: string): string {
  return decoded(attr[name]?.s) ?? fallback;
}

export function texts({ attr }: GraphNode, name: string): readonly string[] {
  return (attr[name]?.list?.s ?? []).map((value) => decoded(value) ?? '');
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('latin1');
}
