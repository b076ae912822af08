/** `lab ui` in a terminal, with a lab on a daemon of this host. */
import { journey } from "../terminal/journey.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;
if (!host) throw new Error("LAB_TEST_DOCKER_HOST names no daemon; run these tests with: ./lab selftest docker");

journey({
	lab: "iptables-single",
	env: { DOCKER_HOST: host, LAB_ENGINE: "docker" },
	client: "machine",
	router: "machine",
	// Replies of the containers are thrown away before the machine's own connection sees them.
	breaks: "iptables -A INPUT -p tcp --sport 80 -j DROP",
	mends: "iptables -D INPUT -p tcp --sport 80 -j DROP",
	topology: [/━ lan 192\.168\.20\.0\/24/, /VIP +192\.168\.10\.10:80 iptables OUTPUT, DNAT to web1:80, web2:80/],
	path: [/machine +web[12]/, /NAT in machine itself/],
	scenario: { name: "keep-alive", place: 1 },
	patience: 120,
});
