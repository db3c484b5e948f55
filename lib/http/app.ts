// The HTTP application: serves routes, and turns every error into an answer. It runs wherever Hono does.
import { type Context, Hono } from 'hono';
import * as Type from 'typebox';
import { HttpError, toHttpError } from './errors.ts';
import { negotiate, PLAIN_JSON, V2_JSON } from './media-types.ts';
import { readQuery } from './request.ts';
import type { HttpDeps, Route } from './route.ts';

/**
 * Makes the application. It owns nothing: the caller closes what it passes in. `app.fetch(request)` never rejects.
 * `routes` are all of them (HTTP_ROUTES), or those that a process serves.
 */
export function createHttpApp<Part>(deps: HttpDeps<Part>, routes: readonly Route<Part>[]): Hono {
  // Kafka REST takes `/topics/` for `/topics`.
  const app = new Hono({ strict: false });
  for (const route of routes) {
    app.on(route.method, honoPath(route.path), (c) =>
      answer(c, deps, route.path, async () => {
        // Routes with parameters check them, and their bodies, themselves.
        if (route.query === undefined) readQuery(c, NO_QUERY);
        return route.handle(c, deps);
      }),
    );
  }
  const patterns = routes.map((route) => ({ method: route.method, pattern: pathPattern(route.path) }));
  app.notFound((c) =>
    answer(c, deps, c.req.path, () => {
      throw notServed(c, patterns);
    }),
  );
  return app;
}

const NO_QUERY = Type.Object({}, { additionalProperties: false });

/** `/topics/{topic}` as Hono writes it. */
const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);

async function answer(
  c: Context,
  deps: Pick<HttpDeps, 'clock' | 'onRequest'>,
  path: string,
  handle: () => Promise<Response>,
): Promise<Response> {
  const startMs = deps.clock.now();
  let response: Response;
  let failure: unknown;
  try {
    response = await handle();
  } catch (thrown) {
    const error = toHttpError(thrown);
    response = errorAnswer(c, error);
    if (error.status >= 500) failure = thrown;
  }
  deps.onRequest?.({
    method: c.req.method,
    path,
    status: response.status,
    durationMs: deps.clock.now() - startMs,
    ...(failure === undefined ? {} : { error: failure }),
  });
  return response;
}

function errorAnswer(c: Context, error: HttpError): Response {
  const offered = c.req.path.startsWith('/v3/') ? [PLAIN_JSON] : [V2_JSON, PLAIN_JSON];
  const mediaType = negotiate(c.req.header('accept'), offered) ?? offered[0] ?? PLAIN_JSON;
  return new Response(JSON.stringify(error.toBody()), {
    status: error.status,
    headers: { ...error.headers, 'content-type': mediaType },
  });
}

/** 405 where the path is served under other methods, else 404. */
function notServed(
  c: Context,
  patterns: readonly { readonly method: string; readonly pattern: RegExp }[],
): HttpError {
  const methods = new Set(
    patterns.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method),
  );
  if (methods.has('GET')) methods.add('HEAD');
  if (methods.size === 0) {
    return new HttpError({ status: 404, errorCode: 404, message: `HTTP 404 Not Found: ${c.req.path}` });
  }
  const allow = [...methods].sort().join(', ');
  return new HttpError({
    status: 405,
    errorCode: 405,
    message: `HTTP 405 Method Not Allowed: ${c.req.path} takes ${allow}, got ${c.req.method}`,
    headers: { allow },
  });
}
