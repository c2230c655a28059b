// Govc's own commands "object.collect", for the benchmark, and "object.save":
// the module github.com/vmware/govmomi/govc adds no more than a main to these
// packages.
package main

import (
	"os"

	"github.com/vmware/govmomi/cli"
	_ "github.com/vmware/govmomi/cli/object"
)

func main() {
	os.Exit(cli.Run(os.Args[1:]))
}
