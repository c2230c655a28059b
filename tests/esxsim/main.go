// Esxsim is a vSphere endpoint for tests. It embeds govmomi's simulator for
// the wire, the sessions and the inventory, and brings its own virtual
// machines, which refuse what vSphere refuses and change all or nothing.
//
// It prints one line of JSON when it is ready and ends when its standard
// input closes, so that no process outlives the test that started it.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

// options are what the command line decides.
type options struct {
	listen      string
	model       string
	vms         int
	delay       time.Duration
	user        string
	password    string
	freeLicence bool
	tls         bool
	page        int
	typedArrays bool
}

// ready is the one line that tells the caller where to go.
type ready struct {
	Host        string `json:"host"`
	Port        int    `json:"port"`
	URL         string `json:"url"`
	Control     string `json:"control"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	CACert      string `json:"cacert,omitempty"`
	User        string `json:"user"`
	Model       string `json:"model"`
}

func parse() options {
	var opt options
	var delay int
	var passwordEnv string
	flag.StringVar(&opt.listen, "listen", "127.0.0.1:0", "address of the vSphere endpoint")
	flag.StringVar(&opt.model, "model", "esx", "esx, vpx, either with -empty or -iscsi behind it")
	flag.IntVar(&opt.vms, "vms", 0, "number of generated machines, besides the named ones")
	flag.IntVar(&delay, "delay", 0, "milliseconds added to each SOAP call")
	flag.StringVar(&opt.user, "user", "root", "the one user")
	flag.StringVar(&passwordEnv, "password-env", "", "environment variable that holds the password")
	flag.BoolVar(&opt.freeLicence, "free-licence", false, "refuse every change, as a free ESXi does")
	flag.BoolVar(&opt.tls, "tls", true, "serve HTTPS")
	flag.IntVar(&opt.page, "page", 0, "objects in a RetrievePropertiesEx page, 0 for all")
	flag.BoolVar(&opt.typedArrays, "typed-arrays", false, "name the type of each array's elements, for libvirt's own driver")
	flag.Parse()
	opt.delay = time.Duration(delay) * time.Millisecond
	opt.password = "esxsim pass"
	if passwordEnv != "" {
		opt.password = os.Getenv(passwordEnv)
	}
	return opt
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("esxsim: ")
	if err := run(parse()); err != nil {
		log.Fatal(err)
	}
}

func run(opt options) error {
	if _, ok := models[opt.model]; !ok {
		return fmt.Errorf("unknown model %q", opt.model)
	}
	f := newFront(opt)
	sdk, err := net.Listen("tcp", opt.listen)
	if err != nil {
		return err
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := sdk.Addr().(*net.TCPAddr)
	line := ready{
		Host:    addr.IP.String(),
		Port:    addr.Port,
		URL:     fmt.Sprintf("http://%s/sdk", addr),
		Control: "http://" + control.Addr().String(),
		User:    opt.user,
		Model:   opt.model,
	}
	if opt.tls {
		id, err := newIdentity()
		if err != nil {
			return err
		}
		line.URL = fmt.Sprintf("https://%s/sdk", addr)
		line.Fingerprint, line.Certificate, line.CACert = id.fingerprint, id.leafPEM, id.caPEM
		sdk = tls.NewListener(sdk, &tls.Config{Certificates: []tls.Certificate{id.pair}})
	}
	go serve(sdk, f)
	go serve(control, controlMux(f))
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	log.Print(server.Serve(l))
}
