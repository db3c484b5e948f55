// Checks of one source file, given its path and text: each answers what is wrong, as `path:line: message`.
import { posix } from 'node:path';
import ts from 'typescript';
import * as rules from './rules.ts';

/** A parsed file. `path` is relative to the repository's root, with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export function parse(path: string, text: string): Source {
  return {
    path,
    text,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS),
  };
}

function at(source: Source, node: ts.Node, message: string): string {
  const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
  return `${source.path}:${line + 1}: ${message}`;
}

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => {
    visit(child, each);
  });
}

function collect(source: Source, judge: (node: ts.Node) => string | undefined): string[] {
  const found: string[] = [];
  visit(source.tree, (node) => {
    const message = judge(node);
    if (message !== undefined) found.push(at(source, node, message));
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  }
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const argument = isDynamic ? node.arguments[0] : undefined;
  return argument && ts.isStringLiteral(argument) ? argument.text : undefined;
}

function judgeLayer(path: string, target: string): string | undefined {
  const [top = '', folder = ''] = path.split('/');
  const [targetTop, targetFolder = ''] = target.split('/');
  if (targetTop !== 'lib') {
    return top === 'lib' ? `lib imports ${target}, which is outside lib` : undefined;
  }
  const adapter = rules.ADAPTERS.find((one) => target.startsWith(one));
  if (adapter && !path.startsWith(adapter) && !rules.WIRING.some((one) => path.startsWith(one))) {
    return `${path} names the adapter ${target}: take its port`;
  }
  if (top !== 'lib') {
    const allowed = rules.OUTSIDE[top];
    return allowed && !allowed.includes(targetFolder) ? `${top} imports lib/${targetFolder}` : undefined;
  }
  const allowed = rules.LAYERS[folder];
  if (!allowed) return `lib/${folder} is not in the table of layers (test/tidy/rules.ts)`;
  return folder !== targetFolder && !allowed.includes(targetFolder)
    ? `lib/${folder} imports lib/${targetFolder}, which is not below it`
    : undefined;
}

function judgePackage(path: string, name: string): string | undefined {
  if (path.startsWith('test/') || path.startsWith('bench/')) return undefined;
  const rule = rules.KEPT_PACKAGES.find(({ pattern }) => pattern.test(name));
  if (rule && !rule.places.some((place) => path.startsWith(place))) {
    return `${name} is kept to ${rule.places.join(', ')}`;
  }
  const isNode = name.startsWith('node:') && !rules.PURE_NODE_MODULES.includes(name);
  return isNode && rules.isPure(path) ? `a pure file imports ${name}` : undefined;
}

/** Who imports whom: layers, adapters, packages. */
export function checkImports(source: Source): string[] {
  return collect(source, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return undefined;
    if (!specifier.startsWith('.')) return judgePackage(source.path, specifier);
    return judgeLayer(source.path, posix.join(posix.dirname(source.path), specifier));
  });
}

const AMBIENT_CALLS =
  /^(Date\.now|Date|Math\.random|performance\.now|process\.hrtime(\.bigint)?|AbortSignal\.timeout|(globalThis\.)?set(Timeout|Interval|Immediate)|(.*\.)?(randomUUID|randomBytes|randomInt|randomFillSync|getRandomValues))$/;

function ambientOf(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && AMBIENT_CALLS.test(node.expression.getText()))
    return `${node.expression.getText()}()`;
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'new Date()';
  const specifier = specifierOf(node);
  return specifier !== undefined && /^(node:)?timers(\/|$)/.test(specifier) ? specifier : undefined;
}

/** The real clock, dice and timers are passed in, everywhere in lib. */
export function checkAmbient(source: Source): string[] {
  if (!source.path.startsWith('lib/') || rules.AMBIENT_HOMES.includes(source.path)) return [];
  return collect(source, (node) => {
    const what = ambientOf(node);
    return what === undefined ? undefined : `${what} in lib: take a Clock or Dice`;
  });
}

function isAsync(node: ts.Node): boolean {
  return (
    node.kind === ts.SyntaxKind.AsyncKeyword ||
    node.kind === ts.SyntaxKind.AwaitKeyword ||
    ts.isAwaitExpression(node) ||
    (ts.isNewExpression(node) && node.expression.getText() === 'Promise')
  );
}

/** Pure files wait for nothing and see nothing of the machine. */
export function checkPurity(source: Source): string[] {
  if (!rules.isPure(source.path)) return [];
  return collect(source, (node) => {
    if (isAsync(node)) return 'a pure file does not wait';
    const isMachine = ts.isIdentifier(node) && ['process', 'Clock', 'Dice'].includes(node.text);
    return isMachine ? `a pure file does not know ${node.text}` : undefined;
  });
}

/** The environment and the terminal belong to those who wire. */
export function checkEnvironment(source: Source): string[] {
  if (!source.path.startsWith('lib/') || source.path.startsWith('lib/cli/')) return [];
  return collect(source, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return undefined;
    const text = node.getText();
    if (text === 'process.env') return 'lib takes options, it does not read the environment';
    return node.expression.getText() === 'console' ? `${text} in lib` : undefined;
  });
}

/** A suite in a test is a list of tests: its length says nothing. */
function isSuite(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}

/** Lines of files and functions. */
export function checkLength(source: Source): string[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length;
  const tooLong =
    lines > rules.FILE_LINES_MAX ? [`${source.path}: ${lines} lines, at most ${rules.FILE_LINES_MAX}`] : [];
  const functions = collect(source, (node) => {
    if (!ts.isFunctionLike(node) || isSuite(node)) return undefined;
    const start = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line;
    const length = source.tree.getLineAndCharacterOfPosition(node.end).line - start + 1;
    return length > rules.FUNCTION_LINES_MAX
      ? `a function of ${length} lines, at most ${rules.FUNCTION_LINES_MAX}`
      : undefined;
  });
  return [...tooLong, ...functions];
}

/** A file says what it is for before anything else. */
export function checkOpening(source: Source): string[] {
  const text = source.text.replace(/^#!.*\n/, '');
  return /^(\/\/|\/\*)/.test(text)
    ? []
    : [`${source.path}:1: opens with no comment that says what it is for`];
}

function isExported(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** A stored entity's shape, key and life are told above its codec, for all of it. */
function tellsStoredShape(source: Source): boolean {
  return (
    source.path.startsWith('lib/storage/schema/') &&
    /^\/\*\n(?: \*.*\n)*? \*.*\bLife\b.*: /m.test(source.text)
  );
}

/** Constants on lines that follow each other may share the comment above the first. */
function isDocumented(source: Source, node: ts.Statement): boolean {
  if (ts.getJSDocCommentsAndTags(node).some((one) => ts.isJSDoc(one))) return true;
  const before = source.tree.statements[source.tree.statements.indexOf(node) - 1];
  if (!before || !ts.isVariableStatement(node) || !ts.isVariableStatement(before)) return false;
  const isAdjacent = !source.text.slice(before.end, node.getStart(source.tree)).includes('\n\n');
  return isAdjacent && isDocumented(source, before);
}

/** Every exported function, class and constant has a contract; a lib file exports something. */
export function checkContracts(source: Source): string[] {
  const isLib = source.path.startsWith('lib/');
  const exported = source.tree.statements.filter((node) => isExported(node) || ts.isExportDeclaration(node));
  if (isLib && exported.length === 0 && source.path !== 'lib/cli/main.ts') {
    return [`${source.path}: exports nothing`];
  }
  if (source.path in rules.CONTRACT_ELSEWHERE || tellsStoredShape(source)) return [];
  return exported
    .filter(
      (node) => ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isVariableStatement(node),
    )
    .filter((node) => !isDocumented(source, node))
    .map((node) => at(source, node, 'an export without a contract comment'));
}

/** No file only passes on what others export. */
export function checkBarrel(source: Source): string[] {
  if (rules.ENTRY_POINTS.includes(source.path)) return [];
  const { statements } = source.tree;
  const isBarrel =
    statements.length > 0 && statements.every((node) => ts.isExportDeclaration(node) && node.moduleSpecifier);
  return isBarrel || posix.basename(source.path) === 'index.ts' ? [`${source.path}: a barrel`] : [];
}
