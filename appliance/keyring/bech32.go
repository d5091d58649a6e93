package keyring

import "strings"

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 writes data as BIP 173 has it, without its limit of 90 characters, as age
// does. Only writing is needed here: age itself reads it back.
func bech32(hrp string, data []byte) string {
	values := groups(data)
	sum := checksum(hrp, values)
	var b strings.Builder
	b.WriteString(hrp)
	b.WriteByte('1')
	for _, v := range append(values, sum...) {
		b.WriteByte(bech32Alphabet[v])
	}
	return b.String()
}

// groups turns bytes into groups of five bits, the last one filled with zeros.
func groups(data []byte) []byte {
	var out []byte
	acc, bits := uint32(0), 0
	for _, x := range data {
		acc, bits = acc<<8|uint32(x), bits+8
		for bits >= 5 {
			bits -= 5
			out = append(out, byte(acc>>bits)&31)
		}
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits))&31)
	}
	return out
}

func checksum(hrp string, values []byte) []byte {
	var v []byte
	for _, c := range []byte(hrp) {
		v = append(v, c>>5)
	}
	v = append(v, 0)
	for _, c := range []byte(hrp) {
		v = append(v, c&31)
	}
	v = append(append(v, values...), 0, 0, 0, 0, 0, 0)
	p := polymod(v) ^ 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = byte(p>>(5*(5-i))) & 31
	}
	return sum
}

func polymod(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	p := uint32(1)
	for _, v := range values {
		top := p >> 25
		p = (p&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				p ^= g
			}
		}
	}
	return p
}
