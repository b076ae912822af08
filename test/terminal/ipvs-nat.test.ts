/** `lab ui` in a terminal, with IPVS in the embedded machine. */
import { journey } from "./journey.ts";

journey({
	lab: "ipvs-nat",
	env: { LAB_ENGINE: "vm" },
	client: "ext1",
	router: "gw",
	breaks: "sysctl -w net.ipv4.ip_forward=0",
	mends: "sysctl -w net.ipv4.ip_forward=1",
	topology: [/━ int 10\.10\.0\.0\/24/, /VIP +111\.111\.0\.1:80\/tcp IPVS rr, NAT to int1:8000, int2:8000/],
	path: [
		/rewrites the destination: 111\.111\.0\.1:80 becomes 10\.10\.0\.[23]:8000/,
		/The reply passes gw as the request did/,
	],
	scenario: { name: "path", place: 2 },
	patience: 300,
});
