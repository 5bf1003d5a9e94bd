import { readdirSync, readFileSync } from 'node:fs';

/** A page of the documentation. */
export interface Page {
  /** In the repository. */
  readonly path: string;
  readonly text: string;
}

/** A block between ``` marks or of lines that begin with four blanks, and where it stands. */
export interface CodeBlock {
  readonly page: string;
  /** After the marks; '' for indented blocks. */
  readonly language: string;
  /** The heading above it, without marks. */
  readonly heading: string;
  readonly text: string;
}

/** Code between single ` marks, and where it stands. */
export interface CodeSpan {
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

/** Every page for users and developers, except the changelog, which names removed parts. */
export function readPages(): Page[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
  const paths = ['README.md', 'ARCHITECTURE.md', ...docs.map((name) => `docs/${name}`)];
  return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

interface Line {
  readonly heading: string;
  readonly text: string;
}

interface SplitPage {
  readonly blocks: CodeBlock[];
  readonly prose: Line[];
}

/** Tells code from prose, as Markdown does for the forms that our pages use. */
function splitPage({ path, text }: Page): SplitPage {
  const blocks: CodeBlock[] = [];
  const prose: Line[] = [];
  let heading = '';
  let open: { language: string; lines: string[]; isFenced: boolean } | undefined;
  const close = (): void => {
    if (open !== undefined)
      blocks.push({ page: path, heading, language: open.language, text: open.lines.join('\n') });
    open = undefined;
  };
  for (const line of text.split('\n')) {
    const fence = /^```(\w*)$/.exec(line);
    if (open?.isFenced === true) {
      if (fence === null) open.lines.push(line);
      else close();
    } else if (fence !== null) {
      close();
      open = { language: fence[1] ?? '', lines: [], isFenced: true };
    } else if (line.startsWith('    ')) {
      open ??= { language: '', lines: [], isFenced: false };
      open.lines.push(line.slice(4));
    } else {
      close();
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
      prose.push({ heading, text: line });
    }
  }
  close();
  return { blocks, prose };
}

export function codeBlocks(page: Page): CodeBlock[] {
  return splitPage(page).blocks;
}

export function codeSpans(page: Page): CodeSpan[] {
  return splitPage(page).prose.flatMap(({ heading, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({ page: page.path, heading, text: code })),
  );
}

/** Targets of links and pictures. */
export function links(page: Page): string[] {
  return splitPage(page).prose.flatMap(({ text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
  );
}

/** Fragments that link to a page's headings, as GitHub creates them. */
export function anchors(page: Page): string[] {
  return splitPage(page)
    .prose.filter(({ text }) => text.startsWith('#'))
    .map(({ heading }) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

/** The commands of one block, in order. */
export interface Script {
  readonly page: string;
  readonly commands: readonly string[];
}

/** Blocks of shell commands; a backslash joins lines. */
export function scripts(page: Page): Script[] {
  return codeBlocks(page)
    .filter(({ language }) => language === '' || language === 'sh')
    .map(({ text }) => {
      const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
      const commands = lines.filter((line) =>
        /^(curl|npx|npm|node|head|git|cd|[A-Z_]+=\S+ np[mx])\b|^[A-Z_]+=\$\(/.test(line),
      );
      return { page: page.path, commands };
    })
    .filter(({ commands }) => commands.length > 0);
}

export function shellCommands(page: Page): string[] {
  return scripts(page).flatMap(({ commands }) => commands);
}
