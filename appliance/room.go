package appliance

import (
	"crypto/tls"
	"fmt"
	"syscall"

	"sigill/appliance/door/admin"
)

// room returns how many bytes are free where a directory is, for who runs the machine, and
// how many there are.
func room(dir string) (free, all int64, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0, fmt.Errorf("look how full the disk is: %w", err)
	}
	return int64(fs.Bavail) * fs.Bsize, int64(fs.Blocks) * fs.Bsize, nil
}

// certificates are those that the doors show, with when each ends.
func (a *Appliance) certificates() (list []admin.Certificate) {
	for _, x := range []struct {
		of string
		c  *tls.Config
	}{{"web", a.c.WebTLS}, {"smtp", a.c.SMTPTLS}} {
		if x.c == nil {
			continue
		}
		for _, c := range x.c.Certificates {
			if c.Leaf != nil {
				list = append(list, admin.Certificate{Of: x.of, Ends: c.Leaf.NotAfter})
			}
		}
	}
	return list
}
