/** One version of a package in a public registry. */
export interface PackagePin {
  readonly registry: 'npm' | 'pypi';
  readonly name: string;
  readonly version: string;
  /** Hash of the archive, as Subresource Integrity writes it: `sha512-` or `sha256-` and base64. */
  readonly integrity: string;
  readonly megabytes: number;
}

/** As people write it. */
export function pinName({ registry, name, version }: PackagePin): string {
  return registry === 'npm' ? `npm ${name}@${version}` : `PyPI ${name}==${version}`;
}
