package tang_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os/exec"
)

// inetd runs a program for each request, with the wire as its input and output: as systemd
// does for tangd.
func inetd(program, keys string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ask bytes.Buffer
		if err := r.Write(&ask); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		cmd := exec.CommandContext(r.Context(), program, keys)
		cmd.Stdin = &ask
		out, _ := cmd.Output() // it ends with what the wire's end gives
		answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(out)), r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	})
}
