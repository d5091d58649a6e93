// Package install makes a computer an appliance, and takes that back.
//
// What is to stand on the computer is a plan: steps as data, made by NewPlan without looking
// at anything. Look holds the plan against the computer and says of each step what would be
// done, which a dry run prints; Do does it, and does nothing where nothing is to be done.
//
// It never writes over a configuration that somebody has changed, never follows a link out
// of the directory that it works in, never starts the service, and takes away nothing that
// it has not made. Letters and keys go only when that is asked for by itself.
//
// On disk, below the root directory that it is given:
//
//	/usr/local/bin/sigill               the program
//	/etc/systemd/system/sigill.service  the service, and the link that starts it with the computer
//	/etc/sysusers.d/sigill.conf         the account it runs as
//	/etc/tmpfiles.d/sigill.conf         the modes of the directories, set right at each start of the computer
//	/etc/sigill/                        the configuration, keys, secrets and certificates
//	/etc/systemd/system/sigill-update.service  the step before it that puts newer versions in their place
//	/etc/systemd/system/sigill.service.d/backup.conf  where it may write backups, if that was asked for; copies are never erased
//	/var/lib/sigill/                    the store
//	/var/lib/sigill-update/             the version before
//
// The Debian package is made of the same plan, with the places that packages have.
//
// What holds always: a second run changes nothing; a file is there whole or not at all.
package install
