// An OpenID provider for the tests: npm's oidc-provider with its own login page, on a
// free port of this computer. It is told where the packages are and, as JSON, which
// clients it has, whether the claims of a scope stand in the ID token, and of which domain
// everybody's address is. It says its
// issuer on the first line and ends with its standard input.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , modules, text] = process.argv;
const { clients, inToken, domain = 'kommun.example' } = JSON.parse(text);
const { default: Provider } = await import(pathToFileURL(join(modules, 'oidc-provider/lib/index.js')));

const key = (type, options, more) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more });

process.stdin.on('end', () => process.exit(0)).resume();
const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [key('rsa', { modulusLength: 2048 }, { kid: 'r', alg: 'RS256' }), key('ec', { namedCurve: 'P-256' }, { kid: 'e', alg: 'ES256' })] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: !inToken,
    pkce: { required: () => true },
    acrValues: ['urn:high'],
    cookies: { keys: ['not a secret: this provider lives for one test'] },
    findAccount: (ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@${domain}`, email_verified: sub !== 'kim', name: `${sub} Ek` }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
