// franz-go as a program: `<command> <host:port> <name=value>...`. What it is to do comes on standard input, what happened
// goes to standard output, a line each, in fields between tabs.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	command, bootstrap := os.Args[1], os.Args[2]
	settings := map[string]string{}
	for _, pair := range os.Args[3:] {
		name, value, _ := strings.Cut(pair, "=")
		settings[name] = value
	}
	base := []kgo.Opt{kgo.SeedBrokers(bootstrap), kgo.ClientID("go")}
	commands := map[string]func(context.Context, []kgo.Opt, map[string]string) error{
		"produce": produce, "read": read, "member": member, "administer": administer,
	}
	run, isKnown := commands[command]
	if !isKnown {
		fail(fmt.Errorf("no command %s", command))
	}
	if err := run(context.Background(), base, settings); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
