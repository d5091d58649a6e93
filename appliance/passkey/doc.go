// Package passkey lets people of the house use passkeys: it is a relying party of
// WebAuthn Level 3, for making a passkey and for signing in with it, and asks each
// passkey for a secret by the extension prf (10.1.4).
//
// It never keeps anything, speaks HTTP or knows who somebody is: it makes what the browser
// is asked, and judges what comes back. Its owner keeps the Challenge in memory, the
// Credential with the person, and finds the one by the other with Handle. The secret that
// prf gives is a key; it never passes through here. The script embed/static/passkey.js
// sends it in a field of its own, and an answer that holds it all the same is refused.
//
// On the wire is JSON in the forms of 5.1 (PublicKeyCredentialCreationOptionsJSON,
// PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON and
// AuthenticationResponseJSON). What a passkey is asked to make its secret of, extensions.prf.eval.first,
// is 32 bytes:
//
//	SHA-256("sigill/1/passkey" ‖ 0x00 ‖ Party.Salt)
//
// They are public. The browser hashes them once more, and the passkey mixes in a key that
// never leaves it, so that the secret is another for each passkey and each house.
//
// # What holds always
//
//   - An answer has at most 64 KiB and is bounded before it is read; nothing of it stands
//     in an error.
//   - A challenge is answered once, within five minutes by Clock.Running, in the ceremony
//     that it was made for, whatever comes of it.
//   - The passkey has asked for a fingerprint, a face or a PIN (the flag UV), both when it is
//     made and when it is used: it is two factors.
//   - Only a page of ours asked, which stood in no frame of another house.
//   - Each refusal has a Reason.
//
// # Attestation
//
// None is asked for (5.4.7), and a statement that comes all the same is not looked at: it
// would say who made the device, whose word nobody here acts upon, and who lies would
// send none. So of go-webauthn only the strict reading of CBOR is linked: its package
// protocol brings TPM, JWT and the roots of Google and Apple with it, 2.2 MB of binary and
// more than 1 MB of idle memory. The tests hold what is taken here against it: whatever
// passes here passes there.
package passkey
