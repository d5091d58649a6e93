// Package tang locks a small secret so that a key server of the house opens it: boot mode C.
// A disk that is carried away from the house's network opens nothing.
//
// The server never sees the secret, and does not learn which one is opened: the exchange is
// McCallum and Relyea's, as Debian's tang and clevis speak it. It knows no server but those
// that were named, and asks nobody for a key's owner: the keys that a server advertises are
// pinned by their thumbprint (RFC 7638) when the secret is locked, and from then on nothing but
// the true server's key opens it.
//
// # On disk
//
// A JWE in its compact form (RFC 7516) for each server, one a line, any of which is enough:
// ECDH-ES over P-521 (RFC 7518, 4.6) and A256GCM, with the header that clevis writes. So
// `clevis decrypt` opens a line without us.
//
// # On the wire
//
//	GET  URL/adv          → the server's keys, signed by itself: JWS (RFC 7515), ES512
//	POST URL/rec/THUMB    X = C + eG →  Y = sX
//
// s is the server's secret, S = sG; C = cG stands in the file, and the secret's key is
// cS = Y − eS. e is fresh each time, so that X tells the server nothing.
//
// What holds always: an answer is at most 64 KiB and comes within ten seconds; a redirect is
// not followed; a point that is not on the curve is refused before anything is computed.
package tang
