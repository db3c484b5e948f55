// Checks of a tracked file of any kind: its name and what its text must not give away.
import { posix } from 'node:path';
import { FORBIDDEN_FOLDERS } from './rules.ts';

/** Folders that say nothing of what is in them, and names that are not kebab-case. */
export function checkName(path: string): string[] {
  const folders = posix.dirname(path).split('/');
  const vague = folders.filter((folder) => FORBIDDEN_FOLDERS.includes(folder));
  const problems = vague.map((folder) => `${path}: a folder named ${folder} says nothing`);
  const isKebab = [...folders, posix.basename(path)].every(
    (part) => /^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(part) || part === '.',
  );
  return isKebab || !path.endsWith('.ts') ? problems : [...problems, `${path}: not in kebab-case`];
}

/** Written in parts, so that this file does not contain what it looks for. */
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
const MACHINE_PATH = /(?<![\w.~$}])\/(?:home|Users|root|work|mnt|private)\/[\w.-]+/;
const REGISTRY = /https?:[/]{2}[^\s"']*(?:[r]egistry|artifactory|nexus|verdaccio)[^\s"']*|"resolved"[:] "/;

/** Unfinished work, paths of one machine, hosts of one network. */
export function checkText(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const what = UNFINISHED.test(line)
      ? 'unfinished work belongs into an issue'
      : MACHINE_PATH.test(line)
        ? 'a path of one machine'
        : REGISTRY.test(line)
          ? 'the host of a package registry'
          : undefined;
    return what === undefined ? [] : [`${path}:${index + 1}: ${what}`];
  });
}
