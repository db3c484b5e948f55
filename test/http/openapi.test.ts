// The document is valid OpenAPI 3.1, and says what the application serves: no route more or less.
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { HTTP_ROUTES, routesOf } from '../../lib/http/routes.ts';
import { createApi, DOCUMENT } from './support/api.ts';

describe('/openapi.json', () => {
  it('is served, and valid OpenAPI 3.1', async () => {
    const { get } = await createApi();
    const { status, json } = await get('/openapi.json');
    expect(status).toBe(200);
    expect(json).toEqual(DOCUMENT);
    const result = await new Validator().validate(json as Record<string, unknown>);
    expect(result).toMatchObject({ valid: true });
    expect(DOCUMENT.openapi).toBe('3.1.0');
    expect(DOCUMENT.info.version).toBe(packageJson.version);
  });

  it('describes every route of the application and no other', async () => {
    const { app } = await createApi();
    const served = app.routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const documented = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(served.sort());
    expect(new Set(served).size).toBe(served.length);
  });

  it('names operations once, gives each error its body, and resolves each reference', () => {
    const operations = Object.values(DOCUMENT.paths).flatMap((item) => Object.values(item));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { responses } of operations) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '429', '500']));
      for (const [status, { content }] of Object.entries(responses).filter(([code]) => Number(code) >= 400)) {
        for (const { schema } of Object.values(content ?? {})) {
          expect(schema, status).toEqual({ $ref: '#/components/schemas/Error' });
        }
      }
    }
    for (const [, name = ''] of JSON.stringify(DOCUMENT).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(DOCUMENT.components.schemas).toHaveProperty(name);
    }
  });

  it('covers all routes by the groups that functions serve', () => {
    const groups = (['produce', 'consume', 'admin'] as const).flatMap((group) => routesOf(group));
    expect(groups).toHaveLength(HTTP_ROUTES.length);
  });
});
