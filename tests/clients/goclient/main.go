// A client on digitalocean/go-libvirt: what terraform, telegraf and many exporters use.
//
// It prints what it finds, one line each: the type, the domains with their states, and the modes of one.
package main

import (
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/digitalocean/go-libvirt"
)

func main() {
	uri, err := url.Parse(os.Args[1])
	check(err)
	conn, err := libvirt.ConnectToURI(uri)
	check(err)
	kind, err := conn.ConnectGetType()
	check(err)
	fmt.Println("type", kind)
	domains, count, err := conn.ConnectListAllDomains(1, 0)
	check(err)
	fmt.Println("domains", count)
	for _, domain := range domains {
		state, _, err := conn.DomainGetState(domain, 0)
		check(err)
		fmt.Println(domain.Name, state)
	}
	found, err := conn.DomainLookupByName(os.Args[2])
	check(err)
	xml, err := conn.DomainGetXMLDesc(found, 0)
	check(err)
	fmt.Println(xml)
	if _, err := conn.DomainLookupByName("nobody"); !libvirt.IsNotFound(err) {
		log.Fatalf("a domain that is not there: %v", err)
	}
	again, err := conn.DomainDefineXML(xml)
	check(err)
	fmt.Println("defined", again.Name)
	check(conn.Disconnect())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
