// Makes passkeys and signs in with them. The forms are hidden until here, since without
// this script nothing answers them:
//
//   <form method="post" action="…" data-passkey="create" data-options="…" data-failed="…" hidden>
//     {{template "csrf" .}} <p role="alert"></p> <button type="submit">…</button>
//   </form>
//
// data-passkey is "create" or "get", data-options the path that a POST gets the options
// from, data-failed what is said when nothing came of it, data-known the same when the
// device has a passkey here already (optional).
//
// The answer to that POST is {"publicKey": the options as WebAuthn's JSON, "state": "…"}. The
// form is sent with three more fields: state as it came, response, the answer as WebAuthn's
// JSON, and prf, the secret that the passkey made, or nothing. The secret is a key: it stands in no JSON,
// and stays nowhere when the form has gone.

const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

// The browser's own parse…FromJSON and toJSON are not in all browsers, do not know prf in
// all of them, and toJSON would write the secret out.
function read(options) {
  const named = (list) => list?.map((c) => ({ ...c, id: decode(c.id) }));
  return {
    ...options,
    challenge: decode(options.challenge),
    ...(options.user && { user: { ...options.user, id: decode(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
    extensions: { prf: { eval: { first: decode(options.extensions.prf.eval.first) } } },
  };
}

function write(credential) {
  const from = credential.response;
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (from[name]) response[name] = encode(from[name]);
  }
  if (from.getTransports) response.transports = from.getTransports();
  const enabled = credential.getClientExtensionResults().prf?.enabled;
  const clientExtensionResults = enabled === undefined ? {} : { prf: { enabled } };
  return JSON.stringify({ id: credential.id, rawId: encode(credential.rawId), type: credential.type, response, clientExtensionResults });
}

// secret takes the secret out of an answer and leaves zeros there.
function secret(credential) {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return "";
  const text = encode(first);
  new Uint8Array(first).fill(0);
  return text;
}

async function ask(form) {
  const body = new URLSearchParams({ csrf: form.elements.csrf.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body, redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const { publicKey, state } = await answer.json();
  field(form, "state").value = state; // names this question when the form is sent
  return read(publicKey);
}

// later asks the passkey that was just made for its secret: most give none while they are
// made. Its signature is thrown away, so nobody else has to know the challenge. Who says no
// here still has the passkey, without its secret.
async function later(made, options) {
  const allowCredentials = [{ type: made.type, id: made.rawId, transports: made.response.getTransports?.() ?? [] }];
  const publicKey = { challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: options.rp.id, allowCredentials, userVerification: "required", extensions: options.extensions };
  try {
    return secret(await navigator.credentials.get({ publicKey }));
  } catch {
    return "";
  }
}

async function create(form) {
  const options = await ask(form);
  const made = await navigator.credentials.create({ publicKey: options });
  const response = write(made);
  let prf = secret(made);
  if (!prf && made.getClientExtensionResults().prf?.enabled) prf = await later(made, options);
  return { response, prf };
}

async function get(form) {
  const got = await navigator.credentials.get({ publicKey: await ask(form) });
  return { response: write(got), prf: secret(got) };
}

function field(form, name) {
  if (form.elements[name]) return form.elements[name];
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  form.append(input);
  return input;
}

// forget is called when the form has gone, and again when the page does.
function forget(form) {
  for (const name of ["state", "response", "prf"]) if (form.elements[name]) form.elements[name].value = "";
}

function send(form, answer) {
  for (const name of ["response", "prf"]) field(form, name).value = answer[name];
  form.submit(); // collects the fields at once, and asks no listener
  forget(form);
}

function say(form, text) {
  const alert = form.querySelector("[role=alert]");
  alert.textContent = text;
  alert.hidden = !text;
}

function enable(form, may) {
  for (const button of form.querySelectorAll("button")) button.disabled = !may;
}

async function press(form, button) {
  say(form, "");
  enable(form, false);
  try {
    send(form, await (form.dataset.passkey === "create" ? create : get)(form));
  } catch (error) {
    say(form, (error.name === "InvalidStateError" && form.dataset.known) || form.dataset.failed);
    enable(form, true);
    button?.focus(); // it was lost when the button could not be pressed
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      press(form, event.submitter);
    });
    addEventListener("pagehide", () => forget(form));
    addEventListener("pageshow", (event) => event.persisted && enable(form, true)); // by the button back
  }
}
