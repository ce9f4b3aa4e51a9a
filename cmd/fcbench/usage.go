package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// badCommand says what args, which name no command of parent, should have been.
func badCommand(parent *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, err := os.Stat(args[0]); !parent.HasParent() && (err == nil || slices.Contains(shipped(), args[0])) {
		return usage(fmt.Errorf("command %q is unknown; want %s run %s", args[0], parent.Name(), args[0]))
	}
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		return usage(fmt.Errorf("%s has no commands; want %[1]s --help", parent.CommandPath()))
	}
	return usage(fmt.Errorf("command %q is unknown; want one of %s", args[0], strings.Join(nearest.First(args[0], names), ", ")))
}

// plainArgs makes complaints about the number of arguments usage errors that
// say how the command is called.
func plainArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil || check(c, args) == nil {
			return nil
		}
		return usage(fmt.Errorf("%s has %d argument%s; want %s", c.Name(), len(args), plural(len(args)), called(c)))
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// called is how a command is called, such as "fcbench compare A [B]".
func called(c *cobra.Command) string { return strings.TrimSuffix(c.UseLine(), " [flags]") }

// badFlag says of a flag what would be right.
func badFlag(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var again *givenAgain
	switch {
	case errors.As(err, &unknown):
		err = unknownFlag(c, unknown)
	case errors.As(err, &missing):
		err = fmt.Errorf("--%s has no value; want --%[1]s VALUE", missing.GetFlag().Name)
	case errors.As(err, &invalid) && errors.As(err, &again):
		err = fmt.Errorf("--%s is given twice, as %q and as %q; want it once", invalid.GetFlag().Name, again.before, invalid.GetValue())
	case errors.As(err, &invalid):
		err = fmt.Errorf("--%s is %q; want %s", invalid.GetFlag().Name, invalid.GetValue(), valueWords(invalid.GetFlag().Value.Type()))
	}
	return usage(err)
}

func unknownFlag(c *cobra.Command, unknown *pflag.NotExistError) error {
	name, help := unknown.GetSpecifiedName(), c.CommandPath()+" --help lists them"
	if unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("flag -%s is unknown; %s", name, help)
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near := nearest.Closest(name, known); len(near) > 0 {
		help = "want --" + strings.Join(near, " or --") + "; " + help
	}
	return fmt.Errorf("flag --%s is unknown; %s", name, help)
}

// valueWords are what a flag of a type takes.
func valueWords(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "int", "uint64":
		return "a whole number"
	}
	return "a " + kind
}

// counted is a flag of a whole number, which may be written as counts are, such as 2k.
type counted int

func (w *counted) String() string {
	if *w == 0 {
		return "" // which is not told as a default
	}
	return strconv.Itoa(int(*w))
}

func (*counted) Type() string { return "int" }

func (w *counted) Set(text string) error {
	return strictyaml.Decode(strictyaml.NewScalar("", text), (*int)(w)).Err()
}

// once is a flag of one value, of which a second would leave the first unread.
type once struct {
	pflag.Value
	text  string
	given bool
}

// givenAgain says that there was a value already.
type givenAgain struct{ before string }

func (e *givenAgain) Error() string { return fmt.Sprintf("there is a value already, %q", e.before) }

func (o *once) Set(text string) error {
	if o.given {
		return &givenAgain{o.text}
	}
	o.text, o.given = text, true
	return o.Value.Set(text)
}

// onceEach refuses a second value of every flag of a command and of those below it that
// is no list.
func onceEach(c *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			_, list := f.Value.(pflag.SliceValue)
			if _, done := f.Value.(*once); !list && !done {
				f.Value = &once{Value: f.Value}
			}
		})
	}
	for _, below := range c.Commands() {
		onceEach(below)
	}
}

// newHelp is cobra's help, which is an error where there is no such command.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, _ := c.Root().Find(args)
			if len(rest) > 0 {
				return badCommand(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
