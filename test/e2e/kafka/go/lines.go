// Records as lines: bytes in base64, `-` for null.
package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

var printing sync.Mutex

func printLine(fields ...any) {
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = fmt.Sprint(field)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(strings.Join(texts, "\t"))
}

func printRecord(record *kgo.Record) {
	headers := make([]string, len(record.Headers))
	for i, header := range record.Headers {
		headers[i] = header.Key + "=" + textOf(header.Value)
	}
	printLine("record", record.Topic, record.Partition, record.Offset,
		textOf(record.Key), textOf(record.Value), strings.Join(headers, ","))
}

func textOf(bytes []byte) string {
	if bytes == nil {
		return "-"
	}
	return base64.StdEncoding.EncodeToString(bytes)
}

func bytesOf(text string) ([]byte, error) {
	if text == "-" {
		return nil, nil
	}
	return base64.StdEncoding.DecodeString(text)
}

func recordOf(topic, key, value, headers string) (*kgo.Record, error) {
	record := &kgo.Record{Topic: topic}
	var err error
	if record.Key, err = bytesOf(key); err != nil {
		return nil, err
	}
	if record.Value, err = bytesOf(value); err != nil {
		return nil, err
	}
	for _, pair := range strings.FieldsFunc(headers, func(r rune) bool { return r == ',' }) {
		name, text, _ := strings.Cut(pair, "=")
		bytes, err := bytesOf(text)
		if err != nil {
			return nil, err
		}
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: name, Value: bytes})
	}
	return record, nil
}
