// Kafka's jars, its server's and its clients', fetched by Maven into a folder outside of the project.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The Kafka that is measured against. */
export const KAFKA_VERSION = '4.1.0';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bench</groupId><artifactId>bench</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** The programs that are missing, with how to get them; empty: all are there. */
export function missingPrograms(): readonly string[] {
  const isThere = (command: string, flag: string): boolean => {
    try {
      execFileSync(command, [flag], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  return [
    ...(isThere('java', '-version') ? [] : ['java (17 or newer: apt-get install openjdk-17-jdk-headless)']),
    ...(isThere('mvn', '-version') ? [] : ['mvn (apt-get install maven)']),
  ];
}

/**
 * The class path of Kafka's jars, fetched where they are not there yet: into $WADI_BENCH_KAFKA_DIR, by default a folder
 * of the system's temporary ones. Throws where Maven fails.
 */
export function fetchJars(): string {
  const folder = process.env['WADI_BENCH_KAFKA_DIR'] || join(tmpdir(), 'wadi-bench-kafka');
  const jars = join(folder, KAFKA_VERSION);
  if (!existsSync(jars)) {
    const unfinished = `${jars}.unfinished`;
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(folder, 'pom.xml'), POM);
    const goal = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${unfinished}`,
    ];
    execFileSync('mvn', ['-q', '-B', ...goal], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(unfinished, jars);
  }
  return join(jars, '*');
}
