// Package signon lets the house's own people sign in where they sign in for everything
// else: it is the relying party of one OpenID Connect issuer (Entra ID, Keycloak, AD FS,
// a broker).
//
// It has no pages and keeps nothing on disk. Begin makes the address to which a browser
// is sent and the Waiting that belongs to it; when the browser is back, Finish holds what
// it brings against that Waiting, asks the issuer who it is, and returns an Identity. Who
// that is here, and what they may do, is decided elsewhere. No access token is kept.
//
//	Begin ──▶ the browser, at the issuer ──▶ /in/sso/back
//	                                           │ code, state, iss
//	Finish ──▶ token endpoint (code, PKCE verifier, secret or signed assertion)
//	       ──▶ keys, where the token is signed by one that is not known
//	       ──▶ userinfo, only where the ID token has no address
//
// # What is spoken
//
// OpenID Connect Core 1.0 with the code flow (3.1) and Discovery 1.0; OAuth 2.0 (RFC
// 6749) with PKCE by S256 (RFC 7636), the issuer in the answer (RFC 9207), and
// client_secret_basic, client_secret_post or private_key_jwt (RFC 7523) as the issuer
// says that it takes them.
//
// # What holds always
//
//   - The code is sent to the issuer's token endpoint once, over https, and a redirect is
//     followed nowhere. Plain http is for an issuer on this computer, in a lab.
//   - An ID token counts if it is signed by a key of the issuer's (never "none", never by
//     the client secret), for this client, for this sign-in (nonce), now, and, where that
//     was asked for, after people have shown themselves anew (auth_time) and well enough
//     (acr).
//   - No answer of the issuer is read beyond MaxAnswer, nor waited for longer than
//     Config.Patience. An issuer that cannot be reached is left alone for a while.
//   - Errors hold no token, no code, no secret, no address and no word that a stranger
//     could have chosen.
package signon
