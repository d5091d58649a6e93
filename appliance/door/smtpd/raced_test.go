//go:build race

package smtpd_test

const raced = true
