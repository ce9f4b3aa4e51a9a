# fcbench, and by default the reference gateway that docker-compose.yml brings up.
FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /fcbench ./cmd/fcbench

FROM alpine:3.22.1
COPY --from=build /fcbench /usr/local/bin/fcbench
USER nobody
EXPOSE 8080
ENTRYPOINT ["fcbench"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
