// Builds the package into dist/: the command line and the client as ES modules, and the client's types.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import ts from 'typescript';

const ROOT = import.meta.dirname;
const LIB = join(ROOT, 'lib');
const DIST = join(ROOT, 'dist');
const CLIENT = 'client/index';

/** Dependencies stay packages, so that what is only sometimes needed is loaded only then. */
const SHARED: BuildOptions = {
  ...{ bundle: true, packages: 'external', platform: 'node', target: 'node24', format: 'esm' },
  ...{ outExtension: { '.js': '.mjs' }, logLevel: 'error' },
};

function bundle(): void {
  buildSync({ ...SHARED, entryPoints: { wadi: join(LIB, 'cli', 'main.ts') }, outdir: join(DIST, 'cli') });
  buildSync({
    ...SHARED,
    entryPoints: [join(LIB, `${CLIENT}.ts`)],
    outdir: join(DIST, 'client'),
    // Each kind of connection is a file of its own.
    ...{ splitting: true, chunkNames: 'chunks/[name]-[hash]' },
  });
}

/** The declarations of the client and of all that it imports, by their paths in dist. Throws where one cannot be written. */
function declare(): ReadonlyMap<string, string> {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: LIB, outDir: DIST },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  );
  const program = ts.createProgram([join(LIB, `${CLIENT}.ts`)], config?.options ?? {});
  const texts = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => {
    texts.set(relative(DIST, path), text);
  });
  for (const diagnostic of diagnostics) fail(diagnostic);
  return texts;
}

function fail(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}

/** Writes a file of declarations and those that it refers to, by the names that compilers of any version resolve. */
function writeTypes(texts: ReadonlyMap<string, string>, path: string, written = new Set<string>()): void {
  if (written.has(path)) return;
  written.add(path);
  let text = texts.get(path);
  if (text === undefined) throw new Error(`there are no declarations of ${path}`);
  for (const { fileName, pos } of ts.preProcessFile(text).importedFiles.toReversed()) {
    if (!fileName.startsWith('.')) continue;
    const start: number = text.indexOf(fileName, pos);
    const after = text.slice(start + fileName.length);
    text = `${text.slice(0, start)}${fileName.replace(/\.ts$/, '.js')}${after}`;
    const other = relative(DIST, resolve(DIST, dirname(path), fileName)).replace(/\.ts$/, '.d.ts');
    writeTypes(texts, other, written);
  }
  mkdirSync(dirname(join(DIST, path)), { recursive: true });
  writeFileSync(join(DIST, path), text);
}

rmSync(DIST, { recursive: true, force: true });
bundle();
writeTypes(declare(), `${CLIENT}.d.ts`);
