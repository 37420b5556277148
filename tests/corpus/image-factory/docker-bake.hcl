variable "VERSION" { default = "dev" }

group "default" { targets = ["app", "tools"] }

target "app" {
  dockerfile = "Dockerfile"
  target     = "app"
  contexts   = { vendor = "docker-image://composer:2.10.2" }
  tags       = ["registry.example.net/factory/app:${VERSION}"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}

target "tools" {
  dockerfile = "tools.Dockerfile"
  tags       = ["registry.example.net/factory/tools:${VERSION}"]
}
