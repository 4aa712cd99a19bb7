module github.com/netsctp/sctp/internal/release

go 1.23.0

require (
	github.com/stretchr/testify v1.10.0
	golang.org/x/mod v0.24.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
