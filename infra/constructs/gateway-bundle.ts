// What the tasks of the Kafka gateway run: a bundle in S3, and the few lines that fetch it. No image is built, so that nobody
// needs Docker: a public image of Node runs it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystem, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { buildSync, type BuildOptions } from 'esbuild';

const FUNCTIONS = join(import.meta.dirname, '..', '..', 'functions');

const SHARED: BuildOptions = {
  ...{ bundle: true, minify: true, platform: 'node', target: 'node24', format: 'esm' },
  ...{ mainFields: ['module', 'main'], logLevel: 'error' },
};

/** Makes requires of CommonJS packages work in an ES module. */
const REQUIRE_BANNER =
  "import{createRequire as wadiRequire}from'node:module';const require=wadiRequire(import.meta.url);";

/** Made once for each process that synthesizes: the stacks of one app share it. */
let bootstrap: string | undefined;

/** The bundle as an asset of the stack, named by its content. */
export class GatewayBundle extends Construct {
  /** What a container runs, in any image that has Node 24. */
  readonly command: readonly string[];
  readonly #asset: Asset;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const path = Stack.of(this).bundlingRequired ? buildBundle() : join(FUNCTIONS, 'gateway.ts');
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    this.#asset = new Asset(this, 'code', { path });
    const { s3BucketName, s3ObjectKey } = this.#asset;
    const { region, urlSuffix } = Stack.of(this);
    bootstrap ??= buildBootstrap();
    const node = ['node', '--enable-source-maps', '--input-type=module', '--eval', bootstrap];
    this.command = [...node, s3BucketName, s3ObjectKey, sha256, region, urlSuffix];
  }

  /** Lets the role fetch this one object. */
  grantRead(role: Role): void {
    const { bucket, s3ObjectKey } = this.#asset;
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(s3ObjectKey)] }),
    );
  }
}

/** The path of the file. */
function buildBundle(): string {
  const outfile = join(FileSystem.mkdtemp('wadi-gateway-'), 'gateway.mjs');
  buildSync({
    ...SHARED,
    entryPoints: [join(FUNCTIONS, 'gateway.ts')],
    ...{ outfile, sourcemap: 'inline', sourcesContent: false, banner: { js: REQUIRE_BANNER } },
  });
  return outfile;
}

function buildBootstrap(): string {
  const { outputFiles } = buildSync({
    ...SHARED,
    ...{ entryPoints: [join(FUNCTIONS, 'gateway-bootstrap.ts')], write: false },
    // CloudFormation would take `${...}` for parameters of its own.
    supported: { 'template-literal': false },
  });
  return outputFiles[0]?.text.trim() ?? '';
}
