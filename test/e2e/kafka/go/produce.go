// Produces the records of standard input: topic, compression, key, value, headers. Prints where each went, or its error.
package main

import (
	"bufio"
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

const lineBytesMax = 64 << 20

var compressions = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

// settings: `acks` 0 or 1, which are not idempotent; `bytes`, of the largest batch.
func produce(ctx context.Context, base []kgo.Opt, settings map[string]string) error {
	base = append(base, kgo.AllowAutoTopicCreation())
	switch settings["acks"] {
	case "0":
		base = append(base, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	case "1":
		base = append(base, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	}
	if settings["bytes"] != "" {
		bytes, err := strconv.Atoi(settings["bytes"])
		if err != nil {
			return err
		}
		base = append(base, kgo.ProducerBatchMaxBytes(int32(bytes)))
	}
	clients := map[string]*kgo.Client{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		record, err := recordOf(fields[0], fields[2], fields[3], fields[4])
		if err != nil {
			return err
		}
		client, isOpen := clients[fields[1]]
		if !isOpen {
			options := append([]kgo.Opt{kgo.ProducerBatchCompression(compressions[fields[1]])}, base...)
			if client, err = kgo.NewClient(options...); err != nil {
				return err
			}
			defer client.Close()
			clients[fields[1]] = client
		}
		client.Produce(ctx, record, printOutcome)
	}
	for _, client := range clients {
		if err := client.Flush(ctx); err != nil {
			return err
		}
	}
	return lines.Err()
}

func printOutcome(record *kgo.Record, err error) {
	if err != nil {
		printLine("failed", record.Topic, err)
		return
	}
	printLine("produced", record.Topic, record.Partition, record.Offset)
}
