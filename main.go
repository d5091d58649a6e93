// Command sigill runs a secure-mail system on one machine of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the zone of the house is known on every machine

	"github.com/alecthomas/kong"

	"sigill/appliance"
	"sigill/appliance/bench"
	"sigill/appliance/config"
	"sigill/appliance/licence"
	"sigill/install"
)

type commands struct {
	Demo      demoCommand              `cmd:"" help:"The whole appliance on this computer: a made-up municipality, a mail and SMS trap, no root."`
	Serve     serveCommand             `cmd:"" help:"Run the appliance of a configuration file; without one, its set-up."`
	Setup     setupCommand             `cmd:"" help:"Answer the set-up's questions from a file, or print a fresh address of the one in the portal."`
	Reload    reloadCommand            `cmd:"" help:"Have the appliance that runs read its configuration anew, and wait until it has."`
	Unlock    unlockCommand            `cmd:"" help:"Unlock an appliance that waits for its passphrase."`
	Key       keyCommand               `cmd:"" help:"How the appliance key is kept: show it, or change it."`
	Install   installCommand           `cmd:"" help:"Make this computer an appliance: account, directories, service."`
	Uninstall uninstallCommand         `cmd:"" help:"Take back what install has made. Letters and keys stay unless you say otherwise."`
	Doctor    doctorCommand            `cmd:"" help:"Say what would go wrong here, and what to do about it."`
	Backup    appliance.BackupCommands `cmd:"" help:"Backups: write one now, list, verify, and try them."`
	Restore   appliance.RestoreCommand `cmd:"" help:"Put a backup on an empty machine, with the recovery kit."`
	Standby   appliance.StandbyCommand `cmd:"" help:"Stand by: copy a backup to this machine each minute, to restore from when the other one is lost."`
	Update    appliance.UpdateCommands `cmd:"" help:"Newer versions: look for one, install it, go back."`
	Journal   journalCommand           `cmd:"" help:"The record of every act: verify it."`
	Recover   recoverCommand           `cmd:"" help:"Open one person's key with the printed recovery kit, so that they choose a new password."`
	Bench     benchCommand             `cmd:"" help:"Measure what this machine does, beside Postfix and restic if they are installed."`
	Version   versionCommand           `cmd:"" help:"Say which version this is."`
}

func main() {
	var c commands
	parser := kong.Must(&c, kong.Name("sigill"), kong.Description("Secure mail on a machine of your own."), kong.UsageOnError(), kong.Vars{"config": config.DefaultPath}, kong.Exit(func(code int) {
		if code != 0 {
			code = 2
		}
		os.Exit(code)
	}))
	syscall.Umask(0o077) // whatever is written here is nobody else's to read
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	run.BindTo(ctx, (*context.Context)(nil))
	run.Bind(appliance.Program{Version: version})
	if err := run.Run(); err != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		fmt.Fprintln(os.Stderr, "sigill:", appliance.Say(err))
		os.Exit(1)
	}
}

type demoCommand struct {
	Dir    string `help:"Directory of its data; a fresh temporary one by default." type:"path"`
	Portal string `default:"127.0.0.1:8080" help:"Where the portal listens."`
	SMTP   string `default:"127.0.0.1:2525" help:"Where mail comes in."`
	Trap   string `default:"127.0.0.1:8025" help:"Where mails and SMS that would be sent are shown."`
}

func (c *demoCommand) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	appliance.TuneProcess()
	d, err := appliance.NewDemo(ctx, appliance.DemoConfig{Dir: c.Dir, Portal: c.Portal, SMTP: c.SMTP, Trap: c.Trap, Log: log})
	if err != nil {
		return err
	}
	fmt.Print(d.Welcome())
	return d.Run(ctx)
}

type versionCommand struct {
	Licences bool `help:"Say too whose works are in it, with all licence texts."`
}

// version is set when a release is built: -ldflags "-X main.version=…".
var version = "development"

func (c *versionCommand) Run() error {
	if c.Licences {
		return licence.Print(os.Stdout, version)
	}
	fmt.Println("sigill", version)
	return nil
}

type doctorCommand struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (c *doctorCommand) Run(ctx context.Context) error {
	return appliance.Doctor(ctx, c.Config, c.JSON, os.Stdout)
}

type journalCommand struct {
	Verify verifyCommand `cmd:"" help:"Check that nothing in the record was changed, cut off or made anew."`
}

// whichAppliance is how a command is told of which appliance it is.
type whichAppliance struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
	Dir    string `help:"The directory of a demo, instead of a configuration file." type:"path"`
}

func (w whichAppliance) places() (appliance.Places, error) {
	if w.Dir != "" {
		return appliance.DemoPlaces(w.Dir), nil
	}
	f, err := config.Load(w.Config, appliance.Languages()...)
	return appliance.PlacesOf(f), err
}

type verifyCommand struct {
	whichAppliance
}

func (c *verifyCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	report, err := appliance.CheckJournal(ctx, places)
	if err != nil {
		return err
	}
	fmt.Print(report)
	return nil
}

type serveCommand struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
}

func (c *serveCommand) Run(ctx context.Context) error {
	f, err := config.LoadOrBare(c.Config, appliance.Languages()...)
	if err != nil {
		return err
	}
	log, err := appliance.OpenLog(f, os.Stderr)
	if err != nil {
		return err
	}
	last, stop := context.WithCancel(context.WithoutCancel(ctx)) // what is said while it stops is carried too
	carried := make(chan error, 1)
	go func() { carried <- log.Run(last) }()
	defer func() { stop(); <-carried }()
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	followed := make(chan struct{})
	go func() { defer close(followed); log.Follow(last, c.Config, hangUp) }()
	defer func() { signal.Stop(hangUp); stop(); <-followed }()
	appliance.TuneProcess()
	return appliance.Serve(ctx, c.Config, appliance.Program{Version: version, Config: c.Config, Log: log}, log.Logger, func(format string, args ...any) { fmt.Printf(format, args...) })
}

type setupCommand struct {
	Config  string `default:"${config}" help:"The configuration file, which is written." type:"path"`
	Answers string `help:"A file with the answers; passwords stand in files of their own." type:"existingfile" xor:"what"`
	Address bool   `help:"Print a fresh one-time address of the set-up that is running." xor:"what"`
}

func (c *setupCommand) Run(ctx context.Context) error {
	switch {
	case c.Answers != "":
		return appliance.SetUp(ctx, c.Config, c.Answers, func(format string, args ...any) { fmt.Printf(format, args...) })
	case !c.Address:
		return errors.New("say --answers FILE or --address")
	}
	f, err := config.LoadOrBare(c.Config, appliance.Languages()...)
	if err != nil {
		return err
	}
	address, err := appliance.SetupAddress(ctx, appliance.PlacesOf(f))
	if err != nil {
		return err
	}
	fmt.Println(address)
	return nil
}

type reloadCommand struct {
	Config string `default:"${config}" help:"The configuration file." type:"path"`
}

func (c *reloadCommand) Run(ctx context.Context) error {
	f, err := config.LoadOrBare(c.Config, appliance.Languages()...)
	if err != nil {
		return err
	}
	return appliance.ReloadConfig(ctx, appliance.PlacesOf(f))
}

type unlockCommand struct {
	whichAppliance
}

func (c *unlockCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return keeper().Unlock(ctx, places)
}

// keeper is who types and reads at the terminal.
func keeper() appliance.Keeper { return appliance.Keeper{In: os.Stdin, Out: os.Stdout} }

type keyCommand struct {
	Show showKeyCommand `cmd:"" help:"Say how the appliance key is kept."`
	Mode keyModeCommand `cmd:"" help:"Keep it otherwise from now on; nothing of the data changes."`
}

type showKeyCommand struct {
	whichAppliance
}

func (c *showKeyCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return keeper().Show(ctx, places)
}

type keyModeCommand struct {
	whichAppliance
	Mode   string   `arg:"" enum:"passphrase,tang,file" help:"passphrase: somebody types it after each start. tang: key servers of the house open it. file: it lies in a file."`
	Server []string `help:"Of tang: the address of a key server. With several, any of them is enough."`
	Trust  []string `help:"Of tang: the thumbprint of a key that a server signs with; without it you compare what is shown."`
}

func (c *keyModeCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return keeper().Mode(ctx, places, c.Mode, c.Server, c.Trust)
}

// computer says on which one a command installs.
type computer struct {
	Root   string `default:"/" help:"The root directory of an image, instead of this computer." type:"existingdir"`
	DryRun bool   `help:"Say what would be done, and do nothing."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (c computer) options() (install.Options, error) {
	program, err := os.Executable()
	return install.Options{Root: c.Root, Program: program, DryRun: c.DryRun, JSON: c.JSON, In: os.Stdin, Out: os.Stdout, Run: install.Exec}, err
}

type installCommand struct {
	computer
	BackupDir []string `help:"A directory besides its own to which the service may write, for backups: another disk, or one that a file server lends. Again for more; all of them each time." type:"path"`
	Stage     bool     `hidden:"" help:"Write into the root directory what a Debian package has in it."`
}

func (c *installCommand) Run() error {
	o, err := c.options()
	switch {
	case err != nil:
		return err
	case c.Stage:
		return install.Stage(o)
	}
	o.Backups = c.BackupDir
	return install.Install(o)
}

type uninstallCommand struct {
	computer
	PurgeData bool `help:"Erase letters, keys and the configuration too."`
	Yes       bool `help:"Do not ask whether that is meant."`
}

func (c *uninstallCommand) Run() error {
	o, err := c.options()
	if err != nil {
		return err
	}
	o.Purge, o.Yes = c.PurgeData, c.Yes
	return install.Uninstall(o)
}

type benchCommand struct {
	Rows   []int  `help:"Rows of the targets: 1 to 8, 10, 12, and 15 to 17; all by default."`
	Rounds int    `default:"7" help:"Rounds in which both sides of a figure take turns."`
	JSON   bool   `name:"json" help:"Print JSON."`
	Peers  bool   `default:"true" negatable:"" help:"Run Postfix, which needs root, and restic beside, in directories of their own."`
	Blobs  int    `default:"20000" help:"Blobs of 54 kB that rows 7 and 8 back up; fewer for a quick look."`
	Dir    string `help:"Directory on the disk to be measured; the temporary one by default." type:"existingdir"`
}

func (c *benchCommand) Run(ctx context.Context) error {
	return bench.Run(ctx, bench.Options{Rows: c.Rows, Rounds: c.Rounds, JSON: c.JSON, Peers: c.Peers, Blobs: c.Blobs, Dir: c.Dir, Out: os.Stdout, Log: os.Stderr})
}

type recoverCommand struct {
	Request  requestCommand  `cmd:"" help:"Write a request for one person's key, to be carried to the holders of the shares."`
	Answer   answerCommand   `cmd:"" help:"Answer a request with the shares, on a machine off the network."`
	Apply    applyCommand    `cmd:"" help:"Take an answer: the old password opens nothing any more, and a code for a new one is shown."`
	Run      runCommand      `cmd:"" help:"Request, answer and apply in one go, on the appliance itself."`
	Practise practiseCommand `cmd:"" help:"Check the printed pages against this installation; nobody's data is touched."`
}

// people are who types and reads at the terminal.
func people() appliance.Recovery { return appliance.Recovery{In: os.Stdin, Out: os.Stdout} }

type requestCommand struct {
	whichAppliance
	Address string `arg:"" help:"Whose key it is."`
	Out     string `default:"recover.request" help:"The file that is written." type:"path"`
}

func (c *requestCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return people().Request(ctx, places, c.Address, c.Out)
}

type answerCommand struct {
	Request string   `arg:"" help:"The request's file." type:"existingfile"`
	Share   []string `help:"A file with a page's line in it; more are typed." type:"existingfile"`
	Out     string   `default:"recover.answer" help:"The file that is written." type:"path"`
}

func (c *answerCommand) Run(context.Context) error {
	return people().Answer(c.Request, c.Out, c.Share)
}

type applyCommand struct {
	whichAppliance
	Answer string `arg:"" help:"The answer's file." type:"existingfile"`
	Mail   bool   `help:"Send the code to the person's own address, instead of showing it."`
}

func (c *applyCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return people().Apply(ctx, places, c.Answer, c.Mail)
}

type runCommand struct {
	whichAppliance
	Address string   `arg:"" help:"Whose key it is."`
	Share   []string `help:"A file with a page's line in it; more are typed." type:"existingfile"`
	Mail    bool     `help:"Send the code to the person's own address, instead of showing it."`
}

func (c *runCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return people().All(ctx, places, c.Address, c.Share, c.Mail)
}

type practiseCommand struct {
	whichAppliance
	Share []string `help:"A file with a page's line in it; more are typed." type:"existingfile"`
}

func (c *practiseCommand) Run(ctx context.Context) error {
	places, err := c.places()
	if err != nil {
		return err
	}
	return people().Practise(ctx, places, c.Share)
}
