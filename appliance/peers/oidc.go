package peers

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed oidc.mjs
var oidc []byte

// OIDC is how an OpenID provider is set up.
type OIDC struct {
	Clients []map[string]any `json:"clients"`          // as its configuration names them
	InToken bool             `json:"inToken"`          // the claims of a scope stand in the ID token
	Domain  string           `json:"domain,omitempty"` // of everybody's address
}

// Start starts npm's oidc-provider and returns its issuer.
func (o OIDC) Start(t *testing.T) string {
	t.Helper()
	needs(t, "npm's oidc-provider")
	modules := nodeModules(t)
	if _, err := os.Stat(filepath.Join(modules, "oidc-provider")); err != nil {
		t.Fatalf("install/test.sh brings oidc-provider: %v", err)
	}
	script := filepath.Join(t.TempDir(), "oidc.mjs")
	if err := os.WriteFile(script, oidc, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node(modules), script, modules, string(text))
	cmd.Stderr = toLog{t}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("oidc-provider does not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// nodeModules is where install/test.sh puts npm's packages.
func nodeModules(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "sigill/node_modules")
}

// node is the one beside the packages where Debian's is too old for them.
func node(modules string) string {
	if newer, err := filepath.Glob(filepath.Join(modules, "node-linux-*/bin/node")); err == nil && len(newer) > 0 {
		return newer[0]
	}
	return "node"
}

type toLog struct{ t *testing.T }

func (l toLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
