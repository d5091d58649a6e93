package wizard

import (
	"strings"

	"sigill/appliance/door/web"
)

// guides say how the usual mail servers send secure addresses here. Where a secret was made
// just now it stands in its place.
func guides(r *web.Request, host, secret string) (list []guide) {
	if host == "" {
		host = "sakerpost.kommun.example"
	}
	if secret == "" {
		secret = "HEMLIGHET"
		if r.Language() != "sv" {
			secret = "SECRET"
		}
	}
	fill := strings.NewReplacer("{{host}}", host, "{{secret}}", secret, "{{header}}", proofHeader)
	for _, g := range []struct {
		name  string
		steps int
		text  string
	}{{"microsoft", 4, microsoftScript}, {"exchange", 3, exchangeScript}, {"google", 4, ""}, {"postfix", 2, postfixScript}} {
		v := guide{Title: r.T("setup.guide." + g.name), Script: fill.Replace(g.text)}
		for i := range g.steps {
			v.Steps = append(v.Steps, r.T("setup.guide."+g.name+"."+string(rune('1'+i)), "Host", host, "Header", proofHeader, "Secret", secret))
		}
		list = append(list, v)
	}
	return list
}

// secureAddress finds an address that ends in .s, by the grammar of contract 4.3.
const secureAddress = `\.s$`

const microsoftScript = `Connect-ExchangeOnline
New-OutboundConnector -Name "Sigill" -ConnectorType Partner -UseMXRecord $false ` + "`" + `
  -SmartHosts "{{host}}" -TlsSettings DomainValidation -TlsDomain "{{host}}" ` + "`" + `
  -IsTransportRuleScoped $true -Enabled $true
New-TransportRule -Name "Sigill" -Priority 0 -SentToScope NotInOrganization ` + "`" + `
  -FromScope InOrganization -RecipientAddressMatchesPatterns '` + secureAddress + `' ` + "`" + `
  -SetHeaderName "{{header}}" -SetHeaderValue "{{secret}}" ` + "`" + `
  -RouteMessageOutboundConnector "Sigill" -StopRuleProcessing $true
`

const exchangeScript = `New-SendConnector -Name "Sigill" -Usage Custom -AddressSpaces "SMTP:*.s;1" ` + "`" + `
  -DNSRoutingEnabled $false -SmartHosts "{{host}}" -RequireTLS $true ` + "`" + `
  -TlsAuthLevel DomainValidation -TlsDomain "{{host}}" -Enabled $true
`

// postfixScript puts us before what is there already, and may be run again.
const postfixScript = `before() {
  case " $(postconf -h "$1") " in
  *" $2 "*) ;;
  *) postconf -e "$1 = $2 $(postconf -h "$1")" ;;
  esac
}
cat >/etc/postfix/sigill <<'END'
/` + secureAddress + `/  smtp:[{{host}}]:25
END
before transport_maps regexp:/etc/postfix/sigill
before smtp_tls_policy_maps "inline:{ [{{host}}]:25=verify }"
postfix reload
`
